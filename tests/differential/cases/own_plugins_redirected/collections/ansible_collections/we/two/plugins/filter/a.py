class FilterModule:
    def filters(self):
        return {'shout': lambda t: t.upper() + '!'}
