def helped(x):
    return f"helped with {x}"
