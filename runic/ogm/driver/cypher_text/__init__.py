"""What can be told of Cypher text that users wrote, from its words and brackets."""
