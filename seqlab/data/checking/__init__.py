"""What is wrong or odd about data, before and after they are encoded."""
