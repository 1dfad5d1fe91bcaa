"""What gas there is: sources, storage, the balance of each day; and who comes when something happens: teams, vehicles, stores."""
