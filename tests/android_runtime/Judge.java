import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.tensorflow.lite.Interpreter;

/** Prints one logit per picture: {@code java Judge MODEL PIXELS}, the pixels as raw uint8 RGB. */
public final class Judge {
    private static final int PICTURE_BYTES = 224 * 224 * 3;
    private static final int[] LOGIT_SHAPE = {1, 1};

    public static void main(String[] args) throws IOException {
        byte[] pixels = Files.readAllBytes(Path.of(args[1]));
        ByteBuffer picture =
                ByteBuffer.allocateDirect(PICTURE_BYTES).order(ByteOrder.nativeOrder());
        float[][] logit = new float[1][1];
        try (Interpreter interpreter = new Interpreter(new File(args[0]))) {
            Map<Integer, Object> outputs = Map.of(logitIndex(interpreter), logit);
            for (int start = 0; start < pixels.length; start += PICTURE_BYTES) {
                picture.put(0, pixels, start, PICTURE_BYTES);
                interpreter.runForMultipleInputsOutputs(new Object[] {picture}, outputs);
                System.out.println(logit[0][0]);
            }
        }
    }

    private static int logitIndex(Interpreter interpreter) {
        for (int i = 0; i < interpreter.getOutputTensorCount(); i++) {
            if (Arrays.equals(interpreter.getOutputTensor(i).shape(), LOGIT_SHAPE)) {
                return i;
            }
        }
        throw new IllegalArgumentException("the model has no output of shape [1, 1]");
    }
}
