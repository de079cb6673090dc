class StoreConformance: pass
