class FilterModule(object):
    def filters(self):
        return {"shout": lambda text: text.upper() + "!"}
