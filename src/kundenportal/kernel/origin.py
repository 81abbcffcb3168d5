from dataclasses import dataclass

USER_AGENT_MAX_LENGTH = 300  # what a browser says of itself beyond that tells nobody anything


@dataclass(frozen=True)
class Origin:
    """Where a wish came from: a network address and what the browser says it is, or, without both, a command line."""

    network_address: str = ""
    user_agent: str = ""


COMMAND_LINE = Origin()
