"""End-to-end encryption: keys, late keys, the cross-signing identity and its recovery key."""
