import java.nio.file.Path;
import java.util.List;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/** One node of a cluster without a distribution: plugins come from the class path, settings are arguments, key=value. */
final class Launcher extends Node {
    private Launcher(Settings settings) {
        super(
            new Environment(settings, Path.of(settings.get("path.home"))),
            List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class),
            false);
    }

    /** Runs until standard input ends, so that no node outlives who started it, however that ends. */
    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        for (String argument : arguments) {
            String[] pair = argument.split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Launcher node = new Launcher(settings.build());
        node.start();
        while (System.in.read() != -1) {
        }
        node.close();
        System.exit(0);
    }
}
