"""Arrays in, small frozen values out. Nothing on this floor knows of hubs, frames, files or plots."""
