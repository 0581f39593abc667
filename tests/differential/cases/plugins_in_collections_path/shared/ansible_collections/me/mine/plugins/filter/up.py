class FilterModule:
    def filters(self):
        return {"up": str.upper}
