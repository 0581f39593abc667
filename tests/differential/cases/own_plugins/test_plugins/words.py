class TestModule:
    def tests(self):
        return {"shouted": lambda text: text == text.upper()}
