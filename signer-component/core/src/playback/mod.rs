//! May this viewer watch this, now, on this device?
