import Descent

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Arguments: the folder of shared data, then the names of recipes for images; without a name, the quick claims are
// checked instead. The examples' data lie in the repository.

let shared = CommandLine.arguments.dropFirst().first ?? "../../shared/data"
let source = #filePath
let examples = source.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/Examples/Data"

/// A line at once, also into a file: a recipe takes long.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

func checked(_ data: String?, _ body: () throws -> [Claim]) rethrows -> [Claim] {
  if let data, access(data, R_OK) != 0 {
    print("skipped, as \(data) is not there")
    return []
  }
  let claims = try body()
  for claim in claims { say("\(claim)") }
  return claims
}

func claimsOfRecipes(_ names: [String]) throws -> [Claim] {
  try names.flatMap { name in
    guard let recipe = imageRecipes.first(where: { $0.name == name }) else {
      print("there is no recipe \(name); there are \(imageRecipes.map(\.name).joined(separator: ", "))")
      exit(64)
    }
    return try checked("\(shared)/\(recipe.folder)") { try follow(recipe, shared) }
  }
}

func quickClaims() throws -> [Claim] {
  try checked("\(shared)/fish-market/Fish.csv") { try fish(shared) }
    + checked(nil) { try iris(examples) }
    + checked(nil) { try digits(examples) }
    + checked("\(shared)/fish-market/nyu_feature.csv") { try fishLesson(shared) }
    + checked(nil) { try waveLesson() }
}

let recipes = Array(CommandLine.arguments.dropFirst(2))
let claims = try recipes.isEmpty ? quickClaims() : claimsOfRecipes(recipes)
let failures = claims.count { !$0.holds }
print("\(claims.count - failures) of \(claims.count) claims hold")
exit(failures == 0 ? 0 : 1)
