"""What people do beside rating: measures, calls for a new rating, proposals, looks at similar places."""
