@_exported public import DescentCPU
@_exported public import DescentCore
@_exported public import DescentRules
