class FilterModule:
    def filters(self):
        return {"here": lambda text: text + "!"}
