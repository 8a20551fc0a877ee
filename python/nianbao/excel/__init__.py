"""The doors behind the ribbon buttons, and the add-in that calls them."""
