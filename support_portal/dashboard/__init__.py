"""Every page that staff see."""
