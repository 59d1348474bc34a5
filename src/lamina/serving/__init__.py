"""HTTP and the web page, from an exported model."""
