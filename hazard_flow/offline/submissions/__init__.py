"""What tablets hand in (离线提交): taken idempotently, put together from parts, entered through the door or contested in sight."""
