"""What the world is told of the domain letters come from, without which other servers take them for spam."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from kundenportal.config.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dns.resolver import Answer

    from kundenportal.config.addresses import Endpoint
    from kundenportal.config.doctor.findings import Finding

SECONDS_OF_PATIENCE = 5
LABELS_OF_A_DOMAIN = 2  # what has fewer belongs to a registry


def resolver_at(nameserver: Endpoint | None) -> Resolver:
    """Asks that server, or those this machine asks."""
    resolver = Resolver(configure=nameserver is None)
    resolver.lifetime = SECONDS_OF_PATIENCE
    if nameserver is not None:
        resolver.nameservers, resolver.port = [nameserver.host], nameserver.port
    return resolver


def findings(
    *, sender: str, return_address: str, selectors: Sequence[str], nameserver: Endpoint | None
) -> Iterator[Finding]:
    """SPF, DKIM, DMARC, and where reports go; one problem if nobody can be asked."""
    domain, return_domain = sender.rpartition("@")[2].lower(), return_address.rpartition("@")[2].lower()
    try:
        resolver = resolver_at(nameserver)
        yield _spf(return_domain, resolver)
        yield from _dkim(domain, selectors, resolver)
        yield from _dmarc(domain, return_domain, resolver)
        yield _way_back(return_domain, resolver)
    except DNSException as fault:
        yield problem(
            "DNS",
            f"No name server answers: {str(fault).rstrip('.')}.",
            "Correct this machine's name servers, or name one that knows what the world sees: --nameserver ADDRESS",
        )


def _spf(domain: str, resolver: Resolver) -> Finding:
    records = [text for text in _texts(domain, resolver) if text.lower().split()[:1] == ["v=spf1"]]
    if not records:
        return problem(
            "SPF",
            f"{domain} does not say who may send for it.",
            f"Have a TXT record published at {domain} that names your mail server, such as: v=spf1 mx -all",
        )
    if len(records) > 1:
        return problem("SPF", f"{domain} says twice who may send for it, which counts as never.", "Leave one record.")
    words = records[0].lower().split()
    if {"+all", "all"} & set(words):
        return problem("SPF", f"{domain} lets everybody send for it: {records[0]}.", "End the record with -all.")
    return ok("SPF", f"{domain} says: {records[0]}. Whether your mail server is among them, its operator knows.")


def _dkim(domain: str, selectors: Sequence[str], resolver: Resolver) -> Iterator[Finding]:
    if not selectors:
        yield warning(
            "DKIM",
            "Whether letters are signed cannot be known from here.",
            "Your mail server signs them: ask its operator for the selector (s= in the DKIM-Signature of a letter that "
            "arrived) and run this again with --dkim-selector SELECTOR",
        )
    for selector in selectors:
        name = f"{selector}._domainkey.{domain}"
        keys = [_tags(text).get("p") for text in _texts(name, resolver)]
        if any(keys):
            yield ok("DKIM", f"The key at {name} is published.")
        elif "" in keys:
            yield problem("DKIM", f"The key at {name} has been revoked.", "Have your mail server sign with another.")
        else:
            yield problem("DKIM", f"There is no key at {name}.", "Have the one published that letters are signed with.")


def _dmarc(domain: str, return_domain: str, resolver: Resolver) -> Iterator[Finding]:
    for place in _and_above(domain):
        for text in _texts(f"_dmarc.{place}", resolver):
            tags = _tags(text)
            if tags.get("v", "").upper() != "DMARC1":
                continue
            policy = tags.get("p", "none") if place == domain else tags.get("sp", tags.get("p", "none"))
            yield ok("DMARC", f"{place} asks others to treat letters that are not ours with: {policy}.")
            if place not in _and_above(return_domain):
                yield warning(
                    "DMARC",
                    f"Reports return to {return_domain}, so SPF does not speak for {domain}.",
                    f"Let DKIM sign for {domain}, or set KUNDENPORTAL_RETURN_ADDRESS to an address of that domain.",
                )
            return
    yield warning(
        "DMARC",
        f"{domain} does not say what to do with letters that are not ours.",
        f"Have a TXT record published at _dmarc.{domain}, such as: v=DMARC1; p=quarantine",
    )


def _way_back(domain: str, resolver: Resolver) -> Finding:
    servers = [str(record.exchange).rstrip(".") for record in _answer(domain, "MX", resolver)]
    if any(servers):
        return ok("Reports", f"What comes back goes to {', '.join(servers)}.")
    # Without an MX record mail goes to the host of that name; an MX record of a mere dot declines all mail.
    if not servers and (_answer(domain, "A", resolver) or _answer(domain, "AAAA", resolver)):
        return ok("Reports", f"What comes back goes to {domain} itself.")
    return problem(
        "Reports",
        f"{domain} takes no mail, so letters that did not arrive come back to nobody, and others refuse ours.",
        "Have an MX record published, or set KUNDENPORTAL_RETURN_ADDRESS to an address that is read.",
    )


def _and_above(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - LABELS_OF_A_DOMAIN + 1))]


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _texts(name: str, resolver: Resolver) -> list[str]:
    return [b"".join(record.strings).decode(errors="replace") for record in _answer(name, "TXT", resolver)]


def _answer(name: str, kind: str, resolver: Resolver) -> Answer | tuple[()]:
    try:
        return resolver.resolve(name, kind)
    except (NXDOMAIN, NoAnswer):
        return ()
