class TestModule:
    def tests(self):
        return {"upper": str.isupper}
