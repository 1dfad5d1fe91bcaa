"""What is concluded from what happened: the colour of risk points, followed from the event feed."""
