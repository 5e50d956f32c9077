"""What the client tests share: a server of one's own, curl, oathtool, and the rules of a test."""
