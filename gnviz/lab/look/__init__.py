"""What the page's parts are made of: containers, buttons, menus, tips, dialogs, light and dark."""
