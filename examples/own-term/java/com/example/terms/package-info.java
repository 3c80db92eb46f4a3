/** Terms that live outside the library: one class and one line in META-INF/services. */
@NullMarked
package com.example.terms;

import org.jspecify.annotations.NullMarked;
