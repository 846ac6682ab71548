"""Planning of reservations over cells. Pure: arrays in, arrays out; numpy and scipy only."""
