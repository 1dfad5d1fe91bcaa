"""Posts, their duties and who signed for them (全员安全生产责任制): a list for each post, signed yearly and after each change."""
