from ansible.plugins.connection.local import Connection as Here

DOCUMENTATION = "name: carried\nshort_description: here\nextends_documentation_fragment: [connection_pipelining]\noptions: {}"


class Connection(Here):
    transport = "carried"
