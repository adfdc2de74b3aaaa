"""What every way of telling needs: sentences for people, streams published whole, the seal."""
