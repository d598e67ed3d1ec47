"""End-to-end encryption: keys, keys that come late, the cross-signing identity and its recovery key."""
