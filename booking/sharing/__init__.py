"""Who speaks for a booking, who may open its page, and what they may do beside its dates."""
