from dataclasses import dataclass

USER_AGENT_MAX_LENGTH = 300  # what a browser says of itself beyond that tells nobody anything


@dataclass(frozen=True)
class Origin:
    """Where a wish came from: a network address and what the browser says it is, the command line, or neither."""

    network_address: str = ""
    user_agent: str = ""
    at_command_line: bool = False


COMMAND_LINE = Origin(at_command_line=True)
BY_ITSELF = Origin()  # nobody wished it just then
