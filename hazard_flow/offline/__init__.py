"""The field app and its protocol: what a tablet captured without a network is taken, proved whole, and never lost."""
