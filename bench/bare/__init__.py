"""What Django and allauth do by themselves, to compare with: their sign-in, and one page for whoever is signed in."""
