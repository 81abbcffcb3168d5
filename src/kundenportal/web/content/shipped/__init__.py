"""The pages that come with the portal, in both languages: the first operator's, as an example to others."""
