import ArgumentParser
import Commands
import NameResolution

@main
enum Main {
  static func main() async {
    SystemResolver.limitTimeouts()
    await Pvescout.main()
  }
}
