enum ControlClientPlaceholder {}
