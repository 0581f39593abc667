from ansible.errors import AnsibleFilterError


def initials(text, separator=""):
    if not isinstance(text, str):
        raise AnsibleFilterError("initials wants text")
    return separator.join(word[0] for word in text.split())


class FilterModule:
    def filters(self):
        return {"initials": initials, "sizes": lambda mapping: {key: len(each) for key, each in mapping.items()}}
