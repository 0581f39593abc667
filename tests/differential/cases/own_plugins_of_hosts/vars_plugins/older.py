class VarsModule:
    def get_host_vars(self, name):
        return {"older": f"of {name}"}

    def get_group_vars(self, name):
        return {"older_group": name}
