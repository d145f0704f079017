"""Any torch function, linearized by automatic differentiation."""
