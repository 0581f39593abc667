"""The command-line tools of a simulated Mac, one file for each family.

Every answer is a recording's, or the tool's source says that it is unrecorded. A tool starts for every call, so
these files import little: no dataclasses, pathlib or typing at run time.
"""
