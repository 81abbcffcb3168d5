from kundenportal.domain.support.queries import service_contact


def test_a_number_to_call_and_an_address_to_write_to_are_known() -> None:
    """What is printed is what is dialled."""
    contact = service_contact()
    digits = "".join(sign for sign in contact.telephone if sign.isdigit())
    assert contact.telephone_uri == f"tel:+{digits}"
    assert "@" in contact.email
