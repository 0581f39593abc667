"""What plug-ins raise. ``message`` is what people are told."""

from __future__ import annotations

from typing import Any


class AnsibleError(Exception):
    """The root of what plug-ins raise."""

    def __init__(self, message: str = "", obj: Any = None, orig_exc: BaseException | None = None, **_more: Any) -> None:
        super().__init__(message)
        self.message = str(message)


class AnsibleFilterError(AnsibleError):
    """A filter cannot do it."""


class AnsibleFilterTypeError(AnsibleFilterError):
    """A filter was given a value of another type."""


class AnsibleLookupError(AnsibleError):
    """A lookup cannot do it."""


class AnsibleOptionsError(AnsibleError):
    """An option is wrong."""


class AnsibleParserError(AnsibleError):
    """A file cannot be understood."""


class AnsibleTemplateError(AnsibleError):
    """A template cannot be rendered."""


class AnsibleUndefinedVariable(AnsibleTemplateError):
    """A template names a variable that is not there."""


class AnsibleRuntimeError(AnsibleError):
    """Something went wrong at work."""


class AnsiblePluginError(AnsibleError):
    """A plug-in is not as it should be."""


class AnsibleAssertionError(AnsibleError, AssertionError):
    """What was taken for granted does not hold."""


class AnsibleFileNotFound(AnsibleRuntimeError):
    """A file is not there."""


class AnsibleTypeError(AnsibleRuntimeError, TypeError):
    """A value is of another type."""


class AnsibleValueOmittedError(AnsibleError):
    """A value is to be left out."""


class AnsibleConnectionFailure(AnsibleRuntimeError):
    """A host is out of reach."""


class AnsibleAction(AnsibleRuntimeError):
    """Ends an action; ``result`` is what the task comes to."""

    def __init__(self, message: str = "", obj: Any = None, result: Any = None, **_more: Any) -> None:
        super().__init__(message, obj)
        self.result: dict[str, Any] = dict(result or {})


class AnsibleActionSkip(AnsibleAction):
    """Ends an action as skipped."""

    def __init__(self, message: str = "", obj: Any = None, result: Any = None, **_more: Any) -> None:
        super().__init__(message, obj, {**(result or {}), "skipped": True, "msg": message})


class AnsibleActionFail(AnsibleAction):
    """Ends an action as failed."""

    def __init__(self, message: str = "", obj: Any = None, result: Any = None, **_more: Any) -> None:
        super().__init__(message, obj, {**(result or {}), "failed": True, "msg": message})


class _ActionDone(AnsibleAction):
    """Ends an action with its result."""


AnsibleActionDone = _AnsibleActionDone = _ActionDone
