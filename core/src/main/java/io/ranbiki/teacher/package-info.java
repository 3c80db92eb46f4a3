/**
 * Who gives the signal. A {@link io.ranbiki.teacher.Teacher} is whatever answers a batch: callers
 * ask {@link io.ranbiki.teacher.Teacher#signal} and cannot tell a live network from any other
 * source. A {@link io.ranbiki.nn.Signal} is the answer: logits, and features by layer.
 *
 * <p>A frozen teacher is asked once: a {@link io.ranbiki.teacher.Labeller} asks for every sample
 * and view that a store lacks, a {@link io.ranbiki.teacher.StoredTeacher} looks the answers up. A
 * {@link io.ranbiki.teacher.StoreKey} says what they depend on, and a {@link
 * io.ranbiki.store.Store} refuses to be opened with another. To store less, choose another {@link
 * io.ranbiki.store.Encoding}.
 *
 * <p><b>Opening one.</b> A {@link io.ranbiki.teacher.TeacherSource} says where a teacher comes
 * from: a model folder, a safetensors file, an ONNX file, a TorchScript file, or several of these;
 * a {@link io.ranbiki.teacher.Recognition} says which of them answer with probabilities. {@link
 * io.ranbiki.teacher.Teachers#open} checks it against the data and asks it once, so that what does
 * not fit is said before anything long begins:
 *
 * <pre>{@code
 * TeacherSource source = TeacherSource.of(Path.of("teacher.onnx"), false, null);
 * try (Teacher teacher = Teachers.open(source, List.of(1, 28, 28), 10, List.of())) {
 *   Signal signal = teacher.signal(batch);
 * }
 * }</pre>
 *
 * <p><b>Names of layers</b> are module paths ({@code features.2}), but in an ONNX file the names of
 * its tensors, and in an ensemble those of the member after its number ({@code 1.features.2}).
 * {@link io.ranbiki.teacher.Teachers#describe} lists them.
 *
 * <p><b>Foreign files</b> are not believed: the structure of ONNX files and the checksums of
 * TorchScript files are checked before an engine sees them, weights beside a model must lie in its
 * folder, TorchScript runs only if the user trusts it, and pickles are never read.
 */
@NullMarked
package io.ranbiki.teacher;

import org.jspecify.annotations.NullMarked;
