"""What is learned from texts: encoders, term weights, rankers. Strings and arrays in, arrays out."""
