/// Placeholder of the module; its own design.
enum YAMLPlaceholder {}
