"""What a browser says of itself, in words people know it by."""

import ua_parser


def browser_named(user_agent: str) -> str:
    """Such as "Firefox, Windows"; empty if the browser does not say, or says something unheard of."""
    if not user_agent:
        return ""
    said = ua_parser.parse(user_agent)
    families = (said.user_agent and said.user_agent.family, said.os and said.os.family)
    return ", ".join(family for family in families if family)
