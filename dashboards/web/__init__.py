"""The web app: the page of one night, served from this computer to this computer."""
